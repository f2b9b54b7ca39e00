using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>Which values a call of the audit gave.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class AuditValuesMigration : Migration
{
    public const string Id = "20261219000000_AuditValues";

    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.AddColumn<string>("Values", "audit", defaultValue: "");
}
