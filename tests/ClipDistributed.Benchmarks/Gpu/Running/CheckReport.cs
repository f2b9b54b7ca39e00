using System.Globalization;
using System.Text.Json.Nodes;

namespace ClipDistributed.Benchmarks.Gpu.Running;

/// <summary>
/// What the process of a check reports to the one that started it: lines on standard output, one for each phase as it begins, so that
/// the last one is known of a process that crashes or hangs, and at the end one with figures and failures.
/// </summary>
internal sealed class CheckReport
{
    public const string PhaseMark = "phase ", EndMark = "end ", FailuresKey = "failures";

    private readonly JsonObject figures = new();
    private readonly JsonArray failures = new();

    /// <summary>What begins now.</summary>
    public void Phase(string name) => Write(PhaseMark + name);

    /// <summary>A figure of the check's line.</summary>
    public void Set(string name, JsonNode? value) => figures[name] = value;

    /// <param name="value">With six digits; one that is not a number is written as text.</param>
    public void Set(string name, double value) => figures[name] = Number(value);

    /// <summary>An error that must not be above its bound; both are shown.</summary>
    public void Within(string name, double error, double bound)
    {
        if (figures["errors"] is not JsonObject errors)
            figures["errors"] = errors = new JsonObject();
        errors[name] = new JsonObject { ["error"] = Number(error), ["bound"] = Number(bound) };
        Require(error <= bound, string.Create(CultureInfo.InvariantCulture, $"{name}: {error:0.0e+00} is above {bound:0.0e+00}"));
    }

    /// <summary>The check fails where this does not hold.</summary>
    public void Require(bool holds, string failure)
    {
        if (!holds)
            failures.Add(failure);
    }

    public void Fail(string failure) => Require(false, failure);

    public void End()
    {
        figures[FailuresKey] = failures;
        Write(EndMark + figures.ToJsonString());
    }

    public static JsonNode Number(double value) =>
        double.IsFinite(value)
            ? JsonValue.Create(double.Parse(value.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture))
            : JsonValue.Create(value.ToString(CultureInfo.InvariantCulture))!;

    private static void Write(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }
}
