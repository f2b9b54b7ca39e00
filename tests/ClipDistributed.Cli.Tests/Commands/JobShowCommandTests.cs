using ClipDistributed.Cli.Tests.Coordinators;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.TestKit.Processes;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary><c>clipd job show</c>.</summary>
public sealed class JobShowCommandTests
{
    [Fact]
    public async Task JobShow_Job_HasItsRunsAndItsSpec()
    {
        await using var control = await ScriptedControl.StartAsync();
        control.Jobs.Add(
            new Job
            {
                JobId = "demo-b",
                Name = "demo",
                Submitted = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddMinutes(-3.5)),
                RunIds = { "demo-3", "demo-2" },
                Spec = new TrainingSpec { Name = "demo", Seed = 7 },
            }
        );
        var result = Clipd.Run(Path.GetTempPath(), "job", "show", "demo-b", "--coordinator", control.Address);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(
            """
            job        demo-b
            name       demo
            submitted  3 min ago
            runs       demo-3, demo-2

            name: demo
            seed: 7

            """.ReplaceLineEndings("\n"),
            result.Output
        );
    }
}
