using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Dashboard.Feeds;

namespace ClipDistributed.Dashboard.Shown;

/// <summary>
/// How fast a run is against how fast it would be if its steps only computed, and where the difference goes. Steps as the last ones were;
/// what is lost between steps as over the whole run.
/// </summary>
/// <param name="Planned">Samples/s of steps that only compute.</param>
/// <param name="Losses">Samples/s that each cause takes, in the order in which they are taken off.</param>
/// <param name="Observed">Samples/s that are left.</param>
internal sealed record Throughput(double Planned, IReadOnlyList<(string Cause, double Lost)> Losses, double Observed)
{
    private static readonly IReadOnlyList<(string Cause, string[] Phases)> Causes =
    [
        ("waiting for data", ["data"]),
        ("waiting for the slowest replica", ["wait"]),
        ("exchanging embeddings and gradients", ["gather", "reduce"]),
    ];

    /// <returns>Null: the parts of its steps are not known.</returns>
    public static Throughput? Of(Run run, RunSpeed? speed, long globalBatch)
    {
        if (speed is null || globalBatch <= 0)
            return null;
        double computing = Sum(speed, ["forward", "loss", "backward", "optimizer"]);
        if (computing <= 0)
            return null;
        double seconds = computing, rate = globalBatch / computing;
        var losses = new List<(string, double)>();
        foreach (var (cause, phases) in Causes)
        {
            seconds += Sum(speed, phases);
            losses.Add((cause, rate - globalBatch / seconds));
            rate = globalBatch / seconds;
        }
        if (run.WallSeconds > 0)
        {
            double useful = Math.Clamp(run.UsefulSeconds / run.WallSeconds, 0, 1);
            losses.Add(("saving, evaluating, starting and recovering", rate * (1 - useful)));
            rate *= useful;
        }
        return new Throughput(globalBatch / computing, losses, rate);
    }

    private static double Sum(RunSpeed speed, IEnumerable<string> phases) => phases.Sum(phase => speed.Split.GetValueOrDefault(phase));
}
