using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>Paused runs: a later coordinator leaves them paused.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class PauseMigration : Migration
{
    public const string Id = "20261202000000_Pause";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<string>("PauseRequest", "runs", defaultValue: "Unspecified");
        migrationBuilder.AddColumn<DateTime>("PausedSince", "runs", nullable: true);
        migrationBuilder.AddColumn<double>("PausedSeconds", "runs", defaultValue: 0.0);
    }
}
