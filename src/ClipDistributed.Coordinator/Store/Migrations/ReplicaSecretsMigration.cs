using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>Hashes of the secrets of replicas, for a later coordinator.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class ReplicaSecretsMigration : Migration
{
    public const string Id = "20260801000000_ReplicaSecrets";

    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.AddColumn<byte[]>("SecretHash", "replicas", defaultValue: Array.Empty<byte>());
}
