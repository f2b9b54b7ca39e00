namespace ClipDistributed.Architecture.Tests;

/// <summary>Where more than six values go together, a type is missing.</summary>
public sealed class ParameterListsTests
{
    private const int Limit = 6;

    /// <summary>Still to be shortened, but for the cells of tables. Nothing may be added.</summary>
    private static readonly HashSet<string> Known =
    [
        "src/ClipDistributed.Contracts/Models/ModelPresets.cs: Small", // a row of a table
        "src/ClipDistributed.Contracts/Models/OpenClipPresets.cs: Vit", // a row of a table
        "tests/ClipDistributed.Data.Tests/Streams/PhiloxTests.cs: Run_KnownAnswers_AreMet", // a row of published answers
    ];

    [Fact]
    public void ParameterLists_OfEveryProject_AreShort() =>
        Findings.AssertNone(
            from file in SourceFile.All
            from list in ParameterLists.LongerThan(Limit, file.Code)
            where !Known.Contains($"{file.Path}: {list.Name}")
            select $"{file.Path}: {list.Name} has {list.Count}",
            $"Lists of more than {Limit} parameters; name the thing that they are, as a record:");

    [Fact]
    public void Known_OfTheRepository_AreStillLong() =>
        Findings.AssertNone(
            Known.Except(
                from file in SourceFile.All
                from list in ParameterLists.LongerThan(Limit, file.Code)
                select $"{file.Path}: {list.Name}"),
            "Lists that are short by now; delete their entries above:");

    [Theory]
    [InlineData("void Run(int a, int b, int c, int d, int e, int f, int g) { }")]
    [InlineData("class Run(int a, IList<(int, int)> b, int[]? c, (int X, int Y) d, out int e, [A(1)] int f, Func<int, int> g = null);")]
    [InlineData("public Run(\n  int a,\n  int b,\n  int c,\n  int d,\n  int e,\n  int f,\n  CancellationToken g = default\n)\n")]
    [InlineData("delegate void Run<T>(T a, T b, T c, T d, T e, T f, T g);")]
    public void LongerThan_SevenParameters_AreFound(string code) =>
        Assert.Equal([("Run", 7)], ParameterLists.LongerThan(6, CodeText.Of(code)));

    [Theory]
    [InlineData("void Run(int a, int b, int c, int d, int e, Dictionary<int, int> f) { }")]
    [InlineData("record Run(int a, int b, int c, int d, int e, int f, int g);")]
    [InlineData("readonly record struct Run(int a, int b, int c, int d, int e, int f, int g);")]
    [InlineData("[LibraryImport(\"lib\")] static partial void Run(int a, int b, int c, int d, int e, int f, int g);")]
    [InlineData("[LoggerMessage(Level = 1)] partial void Run(int a, int b, int c, int d, int e, int f, int g);")]
    [InlineData("x = Run(a, b, c, d, e, f, g);")]
    [InlineData("// void Run(int a, int b, int c, int d, int e, int f, int g)")]
    public void LongerThan_RecordsCallsAndWhatOthersFix_AreNot(string code) =>
        Assert.Empty(ParameterLists.LongerThan(6, CodeText.Of(code)));
}
