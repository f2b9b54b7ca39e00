using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>The hosts that were connected: a later coordinator shows those that do not reconnect.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class HostsMigration : Migration
{
    public const string Id = "20261001000000_Hosts";

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable("hosts", table => new
    {
        Name = table.Column<string>(),
        Offer = table.Column<byte[]>(),
        Peer = table.Column<string>(),
        Connected = table.Column<DateTime>(),
        Lost = table.Column<DateTime>(nullable: true),
        WasDrained = table.Column<bool>(),
    }, constraints: table => table.PrimaryKey("PK_hosts", host => host.Name));
}
