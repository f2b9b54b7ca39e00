using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>Hashes of secrets that are on their way to replicas, for a later coordinator.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class NextSecretsMigration : Migration
{
    public const string Id = "20261216000000_NextSecrets";

    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.AddColumn<byte[]>("NextSecretHash", "replicas", defaultValue: Array.Empty<byte>());
}
