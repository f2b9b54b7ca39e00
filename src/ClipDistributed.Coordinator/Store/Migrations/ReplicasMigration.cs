using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>What a coordinator needs to take over the runs of the one before it.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class ReplicasMigration : Migration
{
    public const string Id = "20260201000000_Replicas";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable("coordinator", table => new
        {
            Id = table.Column<int>(),
            Term = table.Column<long>(),
        }, constraints: table => table.PrimaryKey("PK_coordinator", row => row.Id));
        migrationBuilder.Sql("""INSERT INTO coordinator ("Id", "Term") VALUES (1, 0)""");
        migrationBuilder.CreateTable("replicas", table => new
        {
            RunId = table.Column<string>(),
            ReplicaId = table.Column<string>(),
            Host = table.Column<string>(),
            Kind = table.Column<string>(),
            DeviceIndex = table.Column<int>(),
            Restores = table.Column<bool>(),
            Launched = table.Column<DateTime>(),
            Released = table.Column<DateTime>(nullable: true),
            Evidence = table.Column<string>(),
        }, constraints: table => table.PrimaryKey("PK_replicas", replica => new { replica.RunId, replica.ReplicaId }));

        // Replicas ended with their coordinator then.
        migrationBuilder.Sql("""
            UPDATE runs SET "Phase" = 'Failed',
                "Reason" = 'its coordinator ended; clipd submit --resume goes on from the newest checkpoint',
                "Ended" = "Submitted"
            WHERE "Phase" NOT IN ('Stopped', 'Succeeded', 'Failed', 'Cancelled')
            """);
        migrationBuilder.Sql("DELETE FROM generations");
        // in words that both databases know: SQLite's own builder asks for the whole table
        migrationBuilder.Sql("""ALTER TABLE runs DROP COLUMN "Term" """);

        migrationBuilder.AddColumn<byte[]>("ShardRows", "jobs", defaultValue: Array.Empty<byte>());
        foreach (string column in (string[])["Streams", "ShuffleBlock", "ShareUnit"])
            migrationBuilder.AddColumn<int>(column, "jobs", defaultValue: 0);
        foreach (string column in (string[])["Attempt", "RecordedStep"])
            migrationBuilder.AddColumn<long>(column, "runs", defaultValue: 0L);
        migrationBuilder.AddColumn<int>("Launched", "runs", defaultValue: 0);
        foreach (string column in (string[])["Kind", "Wish", "EndPhase"])
            migrationBuilder.AddColumn<string>(column, "runs", defaultValue: "Unspecified");
        migrationBuilder.AddColumn<string>("EndReason", "runs", defaultValue: "");
        migrationBuilder.AddColumn<long>("Term", "generations", defaultValue: 0L);
        migrationBuilder.AddColumn<string>("Shares", "generations", defaultValue: "");
        migrationBuilder.AddColumn<string>("ReplicaId", "records", defaultValue: "");
        foreach (string column in (string[])["Generation", "Number"])
            migrationBuilder.AddColumn<long>(column, "records", defaultValue: 0L);
        migrationBuilder.CreateIndex("IX_records_RunId_Generation_ReplicaId", "records", ["RunId", "Generation", "ReplicaId"]);
    }
}
