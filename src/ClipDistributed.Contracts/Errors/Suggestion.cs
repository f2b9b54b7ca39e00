namespace ClipDistributed.Contracts.Errors;

/// <summary>The known name that was probably meant by one that is not known.</summary>
public static class Suggestion
{
    private const int MaxLength = 64;

    /// <summary>The known name that is nearest to the given one; null: none is near.</summary>
    public static string? Nearest(string given, IEnumerable<string> known)
    {
        string wanted = Plain(given);
        if (wanted.Length is 0 or > MaxLength)
            return null;
        string? nearest = known.MinBy(name => DistanceOf(wanted, Plain(name)));
        return nearest is not null && DistanceOf(wanted, Plain(nearest)) <= Math.Max(1, wanted.Length / 3) ? nearest : null;
    }

    /// <summary>Case, dashes and underscores are no difference.</summary>
    private static string Plain(string name) =>
        name.ToLowerInvariant().Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);

    private static int DistanceOf(string given, string known)
    {
        int edits = Edits(given, known);
        // What was left off or added at the end: batchsize for batch, eval for evaluate.
        bool begins = Math.Min(given.Length, known.Length) >= 3
            && (given.StartsWith(known, StringComparison.Ordinal) || known.StartsWith(given, StringComparison.Ordinal));
        return begins ? Math.Min(edits, 1) : edits;
    }

    /// <summary>Letters left out, added, changed, or exchanged with their neighbour (optimal string alignment).</summary>
    private static int Edits(string a, string b)
    {
        var costs = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    costs[i, j] = i + j;
                    continue;
                }
                costs[i, j] = Math.Min(
                    Math.Min(costs[i - 1, j], costs[i, j - 1]) + 1, costs[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    costs[i, j] = Math.Min(costs[i, j], costs[i - 2, j - 2] + 1);
            }
        }
        return costs[a.Length, b.Length];
    }
}
