using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>Runs that are to be rolled back: a later coordinator does it.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class RollBackMigration : Migration
{
    public const string Id = "20261204000000_RollBack";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<int>("RollBackAttempt", "runs", defaultValue: 0);
        migrationBuilder.AddColumn<long>("RollBackStep", "runs", defaultValue: 0L);
        migrationBuilder.AddColumn<bool>("RollBackResumes", "runs", defaultValue: false);
    }
}
