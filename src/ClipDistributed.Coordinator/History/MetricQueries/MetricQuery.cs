using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Coordinator.History.MetricQueries;

/// <summary>Which metrics of which steps, in how many points.</summary>
/// <param name="Metrics">Their places among <see cref="MetricFields"/>.</param>
/// <param name="Last">Null: the newest.</param>
internal sealed record MetricQuery(IReadOnlyList<int> Metrics, long First, long? Last, int Points)
{
    public const int DefaultPoints = 500, MaxPoints = 2_000;

    /// <param name="names">Empty: all.</param>
    /// <param name="first">0: the first step.</param>
    /// <param name="last">0: the newest.</param>
    /// <param name="points">0: the default.</param>
    /// <exception cref="BadInputException">There is no such metric, range or number.</exception>
    public static MetricQuery Of(IReadOnlyList<string> names, long first, long last, int points)
    {
        var errors = new List<InputError>();
        foreach (string name in names.Where(name => MetricFields.Find(name) < 0))
        {
            string? near = Suggestion.Nearest(name, MetricFields.Names);
            string known = string.Join(", ", MetricFields.Names);
            errors.Add(new InputError(
                "names",
                $"{Excerpt.Of(name)} is not a metric of steps; {(near is null ? "use" : $"did you mean {near}? There are")} {known}."));
        }
        if (first < 0)
            errors.Add(new InputError("first_step", $"first_step is {first}; use 0 (the first) or more."));
        if (last < 0 || last > 0 && last < first)
            errors.Add(new InputError("last_step", $"last_step is {last}; use 0 (the newest), or first_step or more."));
        if (points is < 0 or > MaxPoints)
            errors.Add(new InputError("points", $"points is {points}; use 0 (as many as by default) to {MaxPoints}."));
        if (errors.Count > 0)
            throw new BadInputException(errors);
        var metrics = names.Count == 0 ? Enumerable.Range(0, MetricFields.Count) : names.Select(MetricFields.Find).Distinct();
        return new MetricQuery([.. metrics], Math.Max(1, first), last == 0 ? null : last, points == 0 ? DefaultPoints : points);
    }
}
