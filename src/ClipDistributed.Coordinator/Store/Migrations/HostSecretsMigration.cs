using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>Hashes of the secrets of hosts, for a later coordinator.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class HostSecretsMigration : Migration
{
    public const string Id = "20261101000000_HostSecrets";

    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.AddColumn<byte[]>("SecretHash", "hosts", defaultValue: Array.Empty<byte>());
}
