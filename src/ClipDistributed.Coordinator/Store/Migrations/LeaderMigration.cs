using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>The leader, as others can see it, and a count of a run's saves, by which one is recognized that was committed though its
/// response
/// was lost.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class LeaderMigration : Migration
{
    public const string Id = "20260301000000_Leader";

    /// <summary>Programs that know no list of migrations look at this number, and refuse.</summary>
    public const int SqliteVersion = 3;

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<string>("Holder", "coordinator", defaultValue: "");
        migrationBuilder.AddColumn<string>("Address", "coordinator", defaultValue: "");
        migrationBuilder.AddColumn<long>("Beat", "coordinator", defaultValue: 0L);
        migrationBuilder.AddColumn<DateTime>("Renewed", "coordinator", nullable: true);
        migrationBuilder.AddColumn<long>("Saves", "runs", defaultValue: 0L);
        if (migrationBuilder.IsSqlite())
            migrationBuilder.Sql($"PRAGMA user_version={SqliteVersion}");
    }
}
