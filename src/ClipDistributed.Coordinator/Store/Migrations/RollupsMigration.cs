using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>Metrics of neighbouring steps, by which long histories are read; those of old records follow when they are asked for.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class RollupsMigration : Migration
{
    public const string Id = "20261213000000_Rollups";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable("rollups", table => new
        {
            RunId = table.Column<string>(),
            Width = table.Column<int>(),
            Bucket = table.Column<long>(),
            FirstSequence = table.Column<long>(),
            LastSequence = table.Column<long>(),
            Attempt = table.Column<long>(),
            Summary = table.Column<byte[]>(),
        }, constraints: table => table.PrimaryKey("PK_rollups", row => new { row.RunId, row.Width, row.Bucket, row.FirstSequence }));
        migrationBuilder.CreateIndex("IX_rollups_RunId_Width_LastSequence", "rollups", ["RunId", "Width", "LastSequence"]);
    }
}
