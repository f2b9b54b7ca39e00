using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Coordinator.ActiveRuns;

/// <summary>The rules of a spec for replicas.min and replicas.max, of a run that is to be scaled.</summary>
internal static class ScaleCheck
{
    /// <param name="min">As it would be.</param>
    /// <param name="max">As it would be, at most the batch.</param>
    /// <param name="batch">The global batch.</param>
    public static IReadOnlyList<InputError> Run(RunInput.Scale scale, long min, long max, int batch)
    {
        if (scale is { Min: null, Max: null })
            return [new InputError("min_replicas", "Neither min_replicas nor max_replicas is given; give one of them, or both.")];
        var errors = new List<InputError>();
        if (min < 1)
            errors.Add(new InputError("min_replicas", $"min_replicas is {min}; use 1 or more."));
        if (max < 1)
            errors.Add(new InputError("max_replicas", $"max_replicas is {max}; use 1 or more, or pause the run."));
        if (min > batch)
            errors.Add(new InputError("min_replicas",
                $"min_replicas is {min}, more than batch.global {batch}: each replica needs a row of the batch; lower it."));
        else if (max >= 1 && min > max)
            errors.Add(new InputError("min_replicas", $"min_replicas is {min}, above max_replicas {max}; lower it, or raise the other."));
        return errors;
    }
}
