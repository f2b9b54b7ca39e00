using System.Globalization;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Dashboard.Feeds;
using ClipDistributed.Dashboard.Shown;
using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Parts;

public sealed partial class Overview : ComponentBase
{
    private const int MaxSentences = 8;

    [Parameter, EditorRequired]
    public RunDetail Detail { get; set; } = default!;

    private Run Run => Detail.Run;

    private bool HasEnded => Run.State.HasEnded();

    private int Replicas => HasEnded ? Run.ReplicaCount : Run.Replicas.Count;

    private static IEnumerable<(string Cause, double Lost, double Left)> Falls(Throughput rate)
    {
        double left = rate.Planned;
        foreach (var (cause, lost) in rate.Losses)
            yield return (cause, lost, left -= lost);
    }

    private static string Bar(double from, double width) => string.Create(
        CultureInfo.InvariantCulture, $"margin-left: {100 * Math.Clamp(from, 0, 1):0.#}%; width: {100 * Math.Clamp(width, 0.004, 1):0.#}%");

    /// <summary>Without the time that it begins with, which stands beside it.</summary>
    private static string Sentence(Explanation one)
    {
        string time = one.Time is { } at ? $"{at.ToDateTime():yyyy-MM-dd HH:mm:ss}Z: " : "";
        return one.Text.StartsWith(time, StringComparison.Ordinal) ? one.Text[time.Length..] : one.Text;
    }

    /// <summary>At the speed of the last steps, and with as large a share of the time lost as until now.</summary>
    private string TimeLeft
    {
        get
        {
            if (Detail.Speed is not { } speed || Run.State != RunState.Running)
                return Quantity.None;
            double useful = Run.WallSeconds > 0 && Run.UsefulSeconds > 0 ? Math.Clamp(Run.UsefulSeconds / Run.WallSeconds, 0.05, 1) : 1;
            return Quantity.Duration((Run.Steps - Run.Step) * speed.SecondsPerStep / useful);
        }
    }
}
