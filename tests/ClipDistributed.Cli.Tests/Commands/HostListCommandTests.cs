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
}
