using ClipDistributed.Cli.Tests.Coordinators;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.TestKit.Processes;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary><c>clipd host show</c>.</summary>
public sealed class HostShowCommandTests
{
    [Fact]
    public async Task HostShow_QuarantinedHost_SaysWhyAndWhoUsesIt()
    {
        await using var control = await ScriptedControl.StartAsync();
        control.Hosts.Add(
            new Host
            {
                Name = "a",
                Version = "0.1.0",
                Connected = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddMinutes(-3.5)),
                MemoryBytes = 1L << 30,
                Quarantine = "replica demo-1-r0 died",
                QuarantinedUntil = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddMinutes(1)),
                Devices =
                {
                    new HostDevice { Device = "cpu:0", Name = "a processor", ReplicaId = "demo-1-r1", RunId = "demo-1" },
                    new HostDevice { Device = "cpu:1", Name = "a processor" },
                },
            }
        );
        var result = Clipd.Run(Path.GetTempPath(), "host", "show", "a", "--coordinator", control.Address);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(
            """
            host        a
            state       quarantined
            quarantine  replica demo-1-r0 died
            connected   3 min ago
            version     0.1.0
            memory      1 GiB
            device  name         replica    run
            cpu:0   a processor  demo-1-r1  demo-1
            cpu:1   a processor  free

            """.ReplaceLineEndings("\n"),
            result.Output
        );
    }
}
