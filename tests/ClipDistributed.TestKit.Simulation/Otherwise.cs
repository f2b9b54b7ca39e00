using System.Runtime.CompilerServices;
using System.Text;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>What is said where something does not hold; nothing is put together where it does.</summary>
[InterpolatedStringHandler]
internal readonly struct Otherwise
{
    private readonly StringBuilder? text;

    public Otherwise(int literalLength, int formattedCount, bool holds, out bool isMade)
    {
        isMade = !holds;
        text = holds ? null : new StringBuilder(literalLength + formattedCount * 16);
    }

    public void AppendLiteral(string part) => text!.Append(part);

    public void AppendFormatted<T>(T part) => text!.Append(part);

    public override string ToString() => $"{text}";
}
