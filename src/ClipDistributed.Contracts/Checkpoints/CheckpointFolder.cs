using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Contracts.Checkpoints;

/// <summary>A checkpoint as its folder names it; whether it is whole <see cref="CheckpointFiles"/> says.</summary>
/// <param name="Step">The applied step.</param>
public sealed record CheckpointFolder(int Attempt, long Step, string Path)
{
    private const string AttemptPrefix = "attempt-", StepPrefix = "step-";

    /// <summary>All of a run, those of the last attempt and in it of the highest step first.</summary>
    public static IReadOnlyList<CheckpointFolder> Of(RunDirectory directory) =>
        [.. Numbered(directory.Checkpoints, AttemptPrefix).OrderDescending().SelectMany(attempt => Of(directory, (int)attempt.Number))];

    /// <summary>Those of one attempt, the highest step first; none where the attempt saved nothing.</summary>
    public static IReadOnlyList<CheckpointFolder> Of(RunDirectory directory, int attempt) =>
        [.. Numbered(directory.Attempt(attempt), StepPrefix).OrderDescending().Select(step => new CheckpointFolder(attempt, step.Number, step.Path))];

    private static IEnumerable<(long Number, string Path)> Numbered(string folder, string prefix)
    {
        if (!Directory.Exists(folder))
            yield break;
        foreach (string path in Directory.EnumerateDirectories(folder, $"{prefix}*"))
        {
            if (long.TryParse(System.IO.Path.GetFileName(path)[prefix.Length..], out long number) && number >= 0)
                yield return (number, path);
        }
    }
}
