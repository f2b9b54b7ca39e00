using ClipDistributed.Data.Demo;

namespace ClipDistributed.Data.Tests.Demo;

public sealed class SceneGeneratorTests
{
    private static readonly ShapesOptions Defaults = new();
    private readonly SceneGenerator generator = new(Defaults.Seed);

    [Fact]
    public void Generate_WholeTrainingSet_NeverDrawsAHeldOutClass()
    {
        var drawn = Training().SelectMany(scene => scene.Groups).Select(group => group.Kind).ToHashSet();
        Assert.Equal(ShapesVocabulary.Seen.ToHashSet(), drawn);
        Assert.DoesNotContain(drawn, kind => kind.HeldOut);
    }

    [Fact]
    public void Generate_WholeTrainingSet_HasThePromisedMixture()
    {
        var training = Training().ToList();
        int pairs = training.Count(scene => scene.Groups.Count == 2);
        Assert.InRange(pairs, 0.15 * training.Count, 0.20 * training.Count);
        Assert.All(training, scene => Assert.InRange(scene.Groups.Sum(group => group.Copies.Count), 1, 3));
        var sizes = ShapesVocabulary.Seen.Select(kind => training.Count(scene => scene.Groups[0].Kind == kind));
        Assert.True(sizes.Min() > 200, "a class is rare");
    }

    [Theory]
    [InlineData(ShapesSplit.Seen, 72)]
    [InlineData(ShapesSplit.Unseen, 24)]
    public void Generate_ValidationSet_ShowsEveryClassOfItsSplitAlone(ShapesSplit split, int classes)
    {
        var scenes = Enumerable.Range(0, 1000).Select(i => generator.Generate(split, i)).ToList();
        Assert.All(scenes, scene => Assert.Single(scene.Groups));
        Assert.All(scenes, scene => Assert.InRange(scene.Groups[0].Copies.Count, 1, 2));
        Assert.All(scenes, scene => Assert.Equal(split is ShapesSplit.Unseen, scene.Groups[0].Kind.HeldOut));
        var counts = scenes.GroupBy(scene => scene.Groups[0].Kind).Select(group => group.Count()).ToList();
        Assert.Equal(classes, counts.Count);
        Assert.InRange(counts.Max() - counts.Min(), 0, 1);
        Assert.All(scenes.Index(), row => Assert.Equal(SceneGenerator.ClassOf(split, row.Index), row.Item.Groups[0].Kind));
    }

    [Fact]
    public void Generate_AnyScene_KeepsShapesInsideApartAndVisible()
    {
        foreach (var scene in Training().Take(5000))
        {
            var copies = scene.Groups.SelectMany(group => group.Copies).ToList();
            Assert.All(copies, copy => Assert.InRange(copy.Extent, 0.35, 0.85));
            Assert.All(copies, copy => Assert.InRange(copy.X, copy.Extent / 2, 1 - copy.Extent / 2));
            Assert.All(copies, copy => Assert.InRange(copy.Y, copy.Extent / 2, 1 - copy.Extent / 2));
            Assert.All(
                scene.Groups,
                group => Assert.True(Backdrop.Contrast(group.Kind.Colour, scene.Backdrop.Colour) >= Backdrop.MinContrast)
            );
            foreach (var (i, a) in copies.Index())
            {
                foreach (var b in copies.Skip(i + 1))
                    Assert.True(Math.Max(Math.Abs(a.X - b.X), Math.Abs(a.Y - b.Y)) > 0.7f * Math.Max(a.Extent, b.Extent), scene.ToString());
            }
        }
    }

    [Fact]
    public void Generate_Relation_IsWhereTheShapesLie()
    {
        var pairs = Training().Where(scene => scene.Groups.Count == 2).ToList();
        Assert.All(
            pairs.Where(s => s.Relation is Relation.LeftOf),
            s => Assert.True(s.Groups[0].Copies[0].X + 0.3f < s.Groups[1].Copies[0].X)
        );
        Assert.All(
            pairs.Where(s => s.Relation is Relation.Above),
            s => Assert.True(s.Groups[0].Copies[0].Y + 0.3f < s.Groups[1].Copies[0].Y)
        );
        Assert.Equal(3, pairs.Select(s => s.Relation).Distinct().Count());
    }

    [Fact]
    public void Generate_OtherSeed_DrawsOtherScenes()
    {
        var other = new SceneGenerator(Defaults.Seed + 1);
        int same = Enumerable.Range(0, 200).Count(i =>
            generator.Generate(ShapesSplit.Train, i).Groups[0].Copies[0] == other.Generate(ShapesSplit.Train, i).Groups[0].Copies[0]);
        Assert.Equal(0, same);
    }

    private IEnumerable<Scene> Training() => Enumerable.Range(0, Defaults.Train).Select(i => generator.Generate(ShapesSplit.Train, i));
}
