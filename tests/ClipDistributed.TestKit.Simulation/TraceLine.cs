using System.Runtime.CompilerServices;
using System.Text;

namespace ClipDistributed.TestKit.Simulation;

/// <summary>What happens in a simulation; no line is formatted without a tracer.</summary>
[InterpolatedStringHandler]
internal readonly struct TraceLine
{
    private readonly StringBuilder? text;

    public TraceLine(int literalLength, int formattedCount, SimulatedCluster cluster, out bool isMade)
    {
        isMade = cluster.Tracer is not null;
        text = isMade ? new StringBuilder(literalLength + formattedCount * 16) : null;
    }

    public void AppendLiteral(string part) => text!.Append(part);

    public void AppendFormatted<T>(T part) => text!.Append(part);

    public override string ToString() => $"{text}";
}
