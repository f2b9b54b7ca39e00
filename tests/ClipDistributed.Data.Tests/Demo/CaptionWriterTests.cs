using ClipDistributed.Data.Demo;

namespace ClipDistributed.Data.Tests.Demo;

public sealed class CaptionWriterTests
{
    private static readonly ShapesOptions Defaults = new();
    private readonly SceneGenerator generator = new(Defaults.Seed);
    private readonly CaptionWriter writer = new(Defaults.Seed);

    [Fact]
    public void Write_WholeTrainingSet_NamesWhatIsThereAndNothingElse()
    {
        foreach (var (scene, caption) in Training())
        {
            var named = NamedIn(caption);
            var drawn = scene.Groups.Select(group => group.Copies.Count == 1 ? group.Kind.Name : group.Kind.Plural).ToHashSet();
            Assert.True(drawn.SetEquals(named), $"'{caption}' for {string.Join(" and ", drawn)}");
            if (scene.Groups.Count == 1 && scene.Groups[0].Copies.Count is var count and > 1)
                Assert.Contains(count == 2 ? "two " : "three ", caption);
        }
    }

    [Fact]
    public void Write_WholeTrainingSet_NeverNamesAHeldOutClass()
    {
        var heldOut = ShapesVocabulary.Unseen.Select(c => c.Name).ToList();
        foreach (var (_, caption) in Training())
            Assert.DoesNotContain(heldOut, name => caption.Contains(name, StringComparison.Ordinal));
    }

    [Fact]
    public void Write_WholeTrainingSet_IsShortLowerCaseAndVaried()
    {
        var captions = Training().Select(pair => pair.Caption).ToList();
        Assert.All(captions, caption => Assert.Equal(caption.ToLowerInvariant(), caption));
        Assert.All(captions, caption => Assert.InRange(caption.Split(' ').Length, 3, 12));
        Assert.True(captions.Distinct().Count() > captions.Count / 2);
        Assert.InRange(captions.SelectMany(c => c.TrimEnd('.').Split(' ')).Distinct().Count(), 60, 100);
    }

    [Fact]
    public void Write_SizesAndPlaces_AgreeWithTheScene()
    {
        foreach (var (scene, caption) in Training().Where(pair => pair.Scene.Groups.Count == 1))
        {
            var group = scene.Groups[0];
            var copy = group.Copies[0];
            if (caption.Contains("small") || caption.Contains("little"))
                Assert.True(copy.Extent < 0.51, caption);
            if (caption.Contains("big") || caption.Contains("large"))
                Assert.True(copy.Extent >= (group.Copies.Count == 1 ? 0.7 : 0.4), caption);
            if (caption.Contains(" left"))
                Assert.True(copy.X < 0.45, caption);
            if (caption.Contains(" bottom"))
                Assert.True(copy.Y > 0.55, caption);
        }
    }

    [Theory]
    [InlineData("orange", "an orange")]
    [InlineData("red", "a red")]
    public void Write_Article_FitsTheNextWord(string colour, string expected)
    {
        var captions = Training()
            .Select(pair => pair.Caption)
            .Where(caption => caption.StartsWith($"a {colour}") || caption.StartsWith($"an {colour}"));
        Assert.All(
            captions.Take(50).ToList() is { Count: 50 } some ? some : throw new InvalidOperationException("too few"),
            caption => Assert.StartsWith(expected, caption)
        );
    }

    private static HashSet<string> NamedIn(string caption)
    {
        string[] words = caption.TrimEnd('.').Split(' ');
        var all = ShapesVocabulary.Classes.SelectMany(c => new[] { c.Name, c.Plural }).ToHashSet();
        return words.Zip(words.Skip(1), (a, b) => $"{a} {b}").Where(all.Contains).ToHashSet();
    }

    private IEnumerable<(Scene Scene, string Caption)> Training() => Enumerable.Range(0, Defaults.Train)
        .Select(i => (Scene: generator.Generate(ShapesSplit.Train, i), Index: i))
        .Select(row => (row.Scene, writer.Write(row.Scene, ShapesSplit.Train, row.Index)));
}
