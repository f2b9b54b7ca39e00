using System.Text.Json.Nodes;
using ClipDistributed.Cli.Tests.Coordinators;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.TestKit.Processes;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary><c>clipd host list</c>.</summary>
public sealed class HostListCommandTests
{
    private static readonly string Folder = Path.GetTempPath();

    [Fact]
    public async Task HostList_LostHost_IsShownWithItsAge()
    {
        await using var control = await ScriptedControl.StartAsync();
        var gone = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddMinutes(-3.5));
        control.Hosts.Add(
            new Host
            {
                Name = "a",
                Version = "0.1.0",
                Connected = gone,
                Lost = gone,
                Devices =
                {
                    new HostDevice { Device = "cpu:0", Name = "a processor" },
                },
            }
        );
        string output = Clipd.Run(Folder, "host", "list", "--coordinator", control.Address).Output;
        Assert.Contains("lost 3 min ago", output, StringComparison.Ordinal);
        Assert.Matches(@"a processor +- *\n", output);
    }

    [Fact]
    public async Task HostList_FaultyGpu_IsNamedWithItsFaultAndWholeInJson()
    {
        await using var control = await ScriptedControl.StartAsync();
        const string id = "GPU-5f0b3b2c-1d2e-3f40-5162-738495a6b7c8";
        var gpu = new HostDevice { Device = "cuda:0", Name = "NVIDIA L4", Uuid = id, MemoryBytes = 24L << 30, Fault = "it is lost" };
        control.Hosts.Add(new Host { Name = "a", Version = "0.1.0", Devices = { gpu } });
        string[] list = ["host", "list", "--coordinator", control.Address];
        Assert.EndsWith(
            "\ncuda:0 of a is faulty and gets no replicas until that ends: it is lost\n",
            Clipd.Run(Folder, list).Output,
            StringComparison.Ordinal);
        var shown = JsonNode.Parse(Clipd.Run(Folder, [.. list, "-o", "json"]).Output)![0]!["devices"]![0]!;
        Assert.Equal(
            (id, 24L << 30, "it is lost"),
            ((string?)shown["uuid"], (long?)shown["memory_bytes"], (string?)shown["fault"]));
        Assert.Null(shown["temperature_celsius"]);
    }
}
