using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Dashboard.Jobs;

/// <summary>What the coordinator says of a job that is not submitted yet.</summary>
/// <param name="Validation">Null: it cannot be submitted.</param>
/// <param name="Problems">Why it cannot; none: it can.</param>
public sealed record CheckedJob(JobValidation? Validation, IReadOnlyList<string> Notices, IReadOnlyList<SpecProblem> Problems)
{
    public static CheckedJob Wrong(IReadOnlyList<SpecProblem> problems) => new(null, [], problems);

    /// <summary>What is wrong with a field, or with one below it; null: nothing.</summary>
    public string? Of(string field) => Problems.FirstOrDefault(problem => problem.Field == field)?.Text;
}
