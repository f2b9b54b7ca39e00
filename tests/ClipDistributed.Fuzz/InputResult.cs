using System.Text.Json;

namespace ClipDistributed.Fuzz;

/// <summary>What one mutated input did; a line of JSON from the process that tried it.</summary>
/// <param name="ExitCode">0 where one of its commands could use it, else the last one's.</param>
/// <param name="PeakBytes">Most resident memory while it was read.</param>
/// <param name="Problem">What must not happen; null: all was as it should be.</param>
internal sealed record InputResult(int Seed, int ExitCode, double Seconds, long PeakBytes, string? Problem)
{
    public string ToJson() => JsonSerializer.Serialize(this);

    public static InputResult Parse(string line) =>
        JsonSerializer.Deserialize<InputResult>(line) ?? throw new InvalidDataException("The fuzz process wrote null.");
}
