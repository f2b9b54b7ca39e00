using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>Who has changed what, and who was refused.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class AuditMigration : Migration
{
    public const string Id = "20261211000000_Audit";

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable("audit", table => new
    {
        Place = table.Column<long>()
            .Annotation("Sqlite:Autoincrement", true)
            .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
        Time = table.Column<DateTime>(),
        IsRefused = table.Column<bool>(),
        Owner = table.Column<string>(),
        TokenId = table.Column<string>(),
        Role = table.Column<string>(),
        Address = table.Column<string>(),
        Verb = table.Column<string>(),
        Target = table.Column<string>(),
        Result = table.Column<string>(),
    }, constraints: table => table.PrimaryKey("PK_audit", entry => entry.Place));
}
