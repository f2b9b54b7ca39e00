using ClipDistributed.Cli.Tables;
using ClipDistributed.Cli.Terminals;
using ClipDistributed.Contracts.Control.V1;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Cli.Tests.Tables;

public sealed class HostTableTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void Of_HostsWithoutGpus_HaveNoColumnsForThem()
    {
        var host = Host("a");
        host.Devices.Add(new HostDevice { Device = "cpu:0", Name = "2 of 2 processors" });
        Assert.Equal(
            "host  state  connected  version  memory  device  name               replica  run\n"
                + "a     ready  now        0.1.0    64 GiB  cpu:0   2 of 2 processors  free\n",
            HostTable.Of([host], Now).ToText()
        );
    }

    [Fact]
    public void Of_Gpus_ShowsWhatTheirDriverReports()
    {
        var host = Host("a");
        host.Devices.Add(new HostDevice { Device = "cpu:0", Name = "2 processors" });
        host.Devices.Add(Gpu(0, "demo-1-r1"));
        host.Devices.Add(new HostDevice { Device = "cuda:1", Name = "NVIDIA GPU", Uuid = "GPU-2", Fault = "it is lost" });
        var faulty = Gpu(2, "demo-1-r2");
        faulty.Fault = "it is lost";
        host.Devices.Add(faulty);
        string[] rows = HostTable.Of([host], Now).ToText().Split('\n')[..^1];
        Assert.Equal(
            [
                "device  name          uuid          gpu free        °C  replica             run",
                "cpu:0   2 processors                                    free",
                "cuda:0  NVIDIA H200   GPU-5f0b3b20  70.1 of 80 GiB  54  demo-1-r1           demo-1",
                "cuda:1  NVIDIA GPU    GPU-2         - of - GiB      -   faulty",
                "cuda:2  NVIDIA H200   GPU-5f0b3b22  70.1 of 80 GiB  54  demo-1-r2 (faulty)  demo-1",
            ],
            rows.Select(row => row[rows[0].IndexOf("device", StringComparison.Ordinal)..])
        );
    }

    /// <summary>Each GPU in a line, with what a user looks for.</summary>
    [Fact]
    public void Of_EightGpus_FitSixtyColumns()
    {
        var host = Host("gpu-node-1");
        for (int i = 0; i < 8; i++)
            host.Devices.Add(Gpu(i, $"demo-1-r{i + 10}"));
        string[] lines = HostTable.Of([host], Now).ToText(60).Split('\n')[..^1];
        Assert.All(lines, line => Assert.InRange(CellText.Width(line), 1, 60));
        Assert.Equal("host        state  device  gpu free        °C  replica", lines[0]);
        Assert.Equal("gpu-node-1  ready  cuda:0  70.1 of 80 GiB  54  demo-1-r10", lines[1]);
        Assert.Equal("                   cuda:7  70.1 of 80 GiB  54  demo-1-r17", lines[8]);
        Assert.StartsWith("(too narrow for: ", lines[9], StringComparison.Ordinal);
    }

    private static Host Host(string name) =>
        new() { Name = name, Version = "0.1.0", Connected = Timestamp.FromDateTimeOffset(Now), MemoryBytes = 64L << 30 };

    private static HostDevice Gpu(int index, string replica) =>
        new()
        {
            Device = $"cuda:{index}",
            Name = "NVIDIA H200",
            ReplicaId = replica,
            RunId = "demo-1",
            Uuid = $"GPU-5f0b3b2{index}-1d2e-3f40-5162-738495a6b7c8",
            MemoryBytes = 80L << 30,
            FreeMemoryBytes = (long)(70.1 * (1L << 30)),
            TemperatureCelsius = 54,
        };
}
