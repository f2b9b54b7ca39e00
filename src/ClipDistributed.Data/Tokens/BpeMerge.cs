using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Tokens;

/// <summary>Two neighbouring symbols that become one.</summary>
internal readonly record struct BpeMerge(string Left, string Right)
{
    public string Result => Left + Right;

    /// <summary>As merges files write it; symbols hold no spaces.</summary>
    public override string ToString() => $"{Left} {Right}";

    /// <exception cref="FormatException">Not two symbols with a space between them.</exception>
    public static BpeMerge Parse(string line)
    {
        int space = line.IndexOf(' ');
        if (space <= 0 || space == line.Length - 1 || line.AsSpan(space + 1).Contains(' '))
            throw new FormatException($"'{FileWords.Of(line)}' is not two symbols with a space between them");
        return new BpeMerge(line[..space], line[(space + 1)..]);
    }
}
