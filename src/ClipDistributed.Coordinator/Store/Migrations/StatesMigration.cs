using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>Columns and values under the names that the protos and the code have for them: a run has a state, a step has a phase.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class StatesMigration : Migration
{
    public const string Id = "20261201000000_States";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.RenameColumn("Phase", "runs", "State");
        migrationBuilder.RenameColumn("EndPhase", "runs", "EndState");
        migrationBuilder.RenameColumn("Wish", "runs", "StopRequest");
        migrationBuilder.RenameColumn("WantsCheckpoint", "runs", "CheckpointRequested");
        migrationBuilder.RenameColumn("StepsRedone", "incidents", "StepsRecomputed");
        migrationBuilder.RenameColumn("Beat", "coordinator", "Heartbeats");
        migrationBuilder.Sql("""UPDATE incidents SET "Kind" = 'StoreUnavailable' WHERE "Kind" = 'StoreAway'""");
    }
}
