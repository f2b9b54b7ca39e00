namespace ClipDistributed.Architecture.Tests;

/// <summary>Lists all that a test found, where an assertion of a collection shows the beginnings of five.</summary>
internal static class Findings
{
    /// <param name="what">Ends with what to do.</param>
    public static void AssertNone(IEnumerable<string> found, string what)
    {
        var lines = found.ToList();
        if (lines.Count > 0)
            Assert.Fail($"{what}\n{string.Join('\n', lines)}");
    }
}
