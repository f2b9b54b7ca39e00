using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>By which token a host was connected: a later coordinator shows whether that was revoked.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class HostTokensMigration : Migration
{
    public const string Id = "20261220000000_HostTokens";

    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.AddColumn<string>("TokenId", "hosts", defaultValue: "");
}
