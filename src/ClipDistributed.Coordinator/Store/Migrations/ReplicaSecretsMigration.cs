using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>What replicas prove themselves with: to a later coordinator too.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class ReplicaSecretsMigration : Migration
{
    public const string Id = "20260801000000_ReplicaSecrets";

    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.AddColumn<byte[]>("SecretHash", "replicas", defaultValue: Array.Empty<byte>());
}
