using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>Requested checkpoints: a later coordinator orders those that the last one could not.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class CheckpointRequestMigration : Migration
{
    public const string Id = "20260701000000_CheckpointWish";

    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.AddColumn<bool>("WantsCheckpoint", "runs", defaultValue: false);
}
