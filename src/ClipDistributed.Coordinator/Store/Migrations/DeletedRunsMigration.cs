using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>Runs that a user has deleted, and how many replicas a run had last.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class DeletedRunsMigration : Migration
{
    public const string Id = "20260901000000_DeletedRuns";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<DateTime>("Deleted", "runs", nullable: true);
        migrationBuilder.AddColumn<int>("Replicas", "runs", defaultValue: 0);
        // A member a line.
        migrationBuilder.Sql(
            "UPDATE runs SET \"Replicas\" = COALESCE((SELECT length(g.\"Members\") - length(replace(g.\"Members\", '\n', '')) + 1 "
                + "FROM generations g WHERE g.\"RunId\" = runs.\"RunId\" AND g.\"Number\" = runs.\"Generation\"), 0)"
        );
    }
}
