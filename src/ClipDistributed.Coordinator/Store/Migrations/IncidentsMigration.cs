using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>Incidents, and how much of a run's time went into new steps.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class IncidentsMigration : Migration
{
    public const string Id = "20260501000000_Incidents";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable("incidents", table => new
        {
            RunId = table.Column<string>(),
            Number = table.Column<long>(),
            Opened = table.Column<DateTime>(),
            Closed = table.Column<DateTime>(nullable: true),
            Kind = table.Column<string>(),
            Generation = table.Column<long>(),
            Replicas = table.Column<string>(),
            Hosts = table.Column<string>(),
            Evidence = table.Column<string>(),
            Action = table.Column<string>(),
            Since = table.Column<DateTime>(),
            UsefulSeconds = table.Column<double>(),
            BegunStep = table.Column<long>(),
            AfterStep = table.Column<long>(nullable: true),
            SecondsLost = table.Column<double>(nullable: true),
            StepsRedone = table.Column<long>(),
            SamplesRepeated = table.Column<long>(),
        }, constraints: table => table.PrimaryKey("PK_incidents", incident => new { incident.RunId, incident.Number }));
        foreach (string column in (string[])["UsefulSeconds", "WallSeconds"])
            migrationBuilder.AddColumn<double>(column, "runs", defaultValue: 0.0);
        migrationBuilder.AddColumn<DateTime>("Counted", "runs", nullable: true);
        migrationBuilder.AddColumn<long>("Incidents", "runs", defaultValue: 0L);
    }
}
