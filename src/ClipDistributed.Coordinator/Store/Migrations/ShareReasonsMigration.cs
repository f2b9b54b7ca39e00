using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>Why shares changed.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class ShareReasonsMigration : Migration
{
    public const string Id = "20261215000000_ShareReasons";

    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.AddColumn<string>("Reason", "shares", defaultValue: "");
}
