using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>Preempted runs: a later coordinator lets them return, and spares those that have.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class PreemptionMigration : Migration
{
    public const string Id = "20261217000000_Preemption";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<string>("PreemptedBy", "runs", defaultValue: "");
        migrationBuilder.AddColumn<int>("Preemptions", "runs", defaultValue: 0);
        migrationBuilder.AddColumn<DateTime>("Returned", "runs", nullable: true);
    }
}
