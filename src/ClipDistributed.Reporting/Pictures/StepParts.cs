using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Reporting.Pictures;

/// <summary>The parts of a step's time in the order in which a step goes through them.</summary>
internal static class StepParts
{
    private static readonly (string Name, string Remark, Func<StepSplit, double> Of)[] All =
    [
        ("data", "waiting for the batch", split => split.Data),
        ("forward", "both towers", split => split.Forward),
        ("wait", "waiting for the slowest replica's forward pass", split => split.Wait),
        ("gather", "exchanging embeddings", split => split.Gather),
        ("loss", "the loss over the global batch", split => split.Loss),
        ("backward", "gradients of both towers", split => split.Backward),
        ("reduce", "waiting for sums of gradients", split => split.Reduce),
        ("optimizer", "updating the weights", split => split.Optimizer),
    ];

    /// <summary>One value for each part, seconds.</summary>
    public static double[] Values(IEnumerable<StepMetrics> steps) => [.. Mean(steps).Select(part => part.Seconds)];

    /// <summary>Averages over the steps that have the parts recorded, seconds; 0 where none has.</summary>
    public static IReadOnlyList<StepPart> Mean(IEnumerable<StepMetrics> steps)
    {
        var recorded = steps.Select(step => step.Split).OfType<StepSplit>().ToArray();
        return
        [
            .. All.Select(part => new StepPart(
                part.Name,
                part.Remark,
                recorded.Select(part.Of).Where(double.IsFinite).DefaultIfEmpty(0).Average()
            )),
        ];
    }
}

/// <param name="Seconds">Of one step.</param>
internal sealed record StepPart(string Name, string Remark, double Seconds);
