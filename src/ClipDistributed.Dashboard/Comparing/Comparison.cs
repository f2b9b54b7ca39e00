using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Dashboard.Comparing;

/// <summary>The runs that are compared, in the order of the address.</summary>
public sealed record Comparison(IReadOnlyList<ComparedRun> Runs)
{
    /// <summary>Fields in which the specs are not all alike, each with a value for every run; null: its spec is not known.</summary>
    public static IReadOnlyList<(string Field, IReadOnlyList<string?> Values)> Differences(IReadOnlyList<TrainingSpec?> specs)
    {
        if (specs.FirstOrDefault(spec => spec is not null) is not { } first)
            return [];
        var found = specs.Select(spec => spec is null ? null : SpecDifferences.Find(first, spec)).ToList();
        var fields = found.OfType<IReadOnlyList<SpecDifference>>().SelectMany(one => one).GroupBy(one => one.Field).ToList();
        return
        [
            .. fields.Select(field => (field.Key, (IReadOnlyList<string?>)[.. found.Select(one => ValueIn(one, field.First()))])),
        ];
    }

    /// <param name="own">How a spec differs from the first one.</param>
    private static string? ValueIn(IReadOnlyList<SpecDifference>? own, SpecDifference first) =>
        own is null ? null : own.FirstOrDefault(one => one.Field == first.Field)?.Now ?? first.Before;
}
