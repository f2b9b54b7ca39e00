using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>Who has submitted a job.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class JobOwnersMigration : Migration
{
    public const string Id = "20261214000000_JobOwners";

    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.AddColumn<string>("Owner", "jobs", defaultValue: "");
}
