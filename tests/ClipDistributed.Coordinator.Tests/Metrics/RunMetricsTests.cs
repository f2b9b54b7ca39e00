using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Tests.Scripted;

namespace ClipDistributed.Coordinator.Tests.Metrics;

public partial class RunMetricsTests
{
    [Fact]
    public async Task Scrape_RunThatLostAReplica_HasGoodputAndTheCostOfTheIncident()
    {
        await using var coordinator = await TestCoordinator.StartAsync(options => options with { Http = "127.0.0.1:0" });
        var (a, b) = (await coordinator.HostAsync("a"), await coordinator.HostAsync("b"));
        string runId = await coordinator.SubmitAsync(coordinator.Spec(min: 1, max: 2));
        var (survivor, victim) = (await a.StartReplicaAsync(), await b.StartReplicaAsync());
        await survivor.GenerationAsync();
        await survivor.AttemptAsync(1);
        await survivor.RecordAsync(1, loss: 1, seconds: 0.001);
        await survivor.AppliedAsync(1);
        await victim.DieAsync();
        await survivor.FailAsync(FailureKind.Collective, "closed", applied: 1);
        await survivor.GenerationAsync();
        await survivor.RecordAsync(2, loss: 1, seconds: 0.001);
        await survivor.EndedAsync(5, finished: true);
        await survivor.LeaveAsync();
        await survivor.ExitAsync(0);
        await b.ExitedAsync((await b.LaunchAsync()).ReplicaId, 137);
        await coordinator.UntilAsync(runId, RunState.Succeeded);

        using var client = coordinator.Http();
        string text = await client.GetStringAsync("/metrics");

        var values = Line()
            .Matches(text)
            .Where(line => line.Groups[2].Value.Contains("run_id=", StringComparison.Ordinal))
            .ToDictionary(
                line =>
                    Cause().Match(line.Groups[2].Value) is { Success: true } cause
                        ? $"{line.Groups[1].Value}|{cause.Value}"
                        : line.Groups[1].Value,
                line => double.Parse(line.Groups[3].Value, System.Globalization.CultureInfo.InvariantCulture)
            );
        Assert.All(
            Line().Matches(text).Where(line => line.Groups[2].Value.Contains("run_id", StringComparison.Ordinal)),
            line => Assert.Contains($"run_id=\"{runId}\"", line.Groups[2].Value));
        Assert.InRange(values["clipd_goodput_ratio"], 1e-6, 1);
        Assert.Equal(5, values["clipd_run_step"]);
        Assert.Equal(
            (1, 1, 0),
            (
                values["clipd_incidents_total|replica_lost"],
                values["clipd_steps_recomputed_total|replica_lost"],
                values["clipd_samples_repeated_total|replica_lost"]
            )
        );
        Assert.True(values["clipd_incident_lost_seconds_total|replica_lost"] > 0);
        foreach (string name in (string[])["step_seconds_count", "failures_total", "recovery_seconds_count"])
            Assert.Matches($@"\nclipd_{name}(?:{{[^}}]*}})? [1-9]", text);
    }

    [GeneratedRegex(@"^(clipd_\w+)\{(.*)\} (\S+)", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex(@"(?<=cause="")\w+")]
    private static partial Regex Cause();
}
