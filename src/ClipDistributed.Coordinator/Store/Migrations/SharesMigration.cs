using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>Changes of shares within a generation.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class SharesMigration : Migration
{
    public const string Id = "20260401000000_Shares";

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable("shares", table => new
    {
        RunId = table.Column<string>(),
        Generation = table.Column<long>(),
        FirstStep = table.Column<long>(),
        Shares = table.Column<string>(),
    }, constraints: table => table.PrimaryKey("PK_shares", row => new { row.RunId, row.Generation, row.FirstStep }));
}
