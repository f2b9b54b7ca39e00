using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>Causes of failures of hosts: a later coordinator continues their quarantines.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class CausesMigration : Migration
{
    public const string Id = "20260601000000_Causes";

    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.AddColumn<string>("Cause", "replicas", defaultValue: "");
}
