using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>Scaled runs: a later coordinator knows how many replicas each may have.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class ScaleMigration : Migration
{
    public const string Id = "20261203000000_Scale";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<int>("MinReplicas", "runs", defaultValue: 0);
        migrationBuilder.AddColumn<int>("MaxReplicas", "runs", defaultValue: 0);
    }
}
