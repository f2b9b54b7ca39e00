using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>What single devices failed by: a later coordinator continues their quarantines, and leaves out those that are faulty.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class DeviceFailuresMigration : Migration
{
    public const string Id = "20261218000000_DeviceFailures";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<string>("DeviceCause", "replicas", defaultValue: "");
        migrationBuilder.CreateTable("device_faults", table => new
        {
            Host = table.Column<string>(),
            Kind = table.Column<string>(),
            DeviceIndex = table.Column<int>(),
            Process = table.Column<byte[]>(),
            Fault = table.Column<string>(),
        }, constraints: table => table.PrimaryKey("PK_device_faults", fault => new { fault.Host, fault.Kind, fault.DeviceIndex }));
    }
}
