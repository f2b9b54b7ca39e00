namespace ClipDistributed.Architecture.Tests;

/// <summary>The namespaces of a project use each other in one direction only: each can be understood without those above it.</summary>
public sealed class NamespaceCirclesTests
{
    [Fact]
    public void Namespaces_OfEveryProject_FormNoCircles() =>
        Findings.AssertNone(
            SourceFile.OfPrograms.GroupBy(file => file.Project).SelectMany(project => new NamespaceUses(project).Circles()),
            "Uses on a circle; move the type that is used upwards to a namespace below both:");

    [Theory]
    [InlineData("using ClipDistributed.Data.Shards;", "")]
    [InlineData("", "global::ClipDistributed.Data.Shards.Shard value;")]
    [InlineData("", "Shards.Shard value;")]
    public void Circles_TwoThatUseEachOther_AreBothNamed(string directive, string member)
    {
        var one = Make("Manifests", directive, $"public class Manifest {{ {member} }}");
        var other = Make("Shards", "using ClipDistributed.Data.Manifests;", "public class Shard { Manifest value; }");
        Assert.Equal(
            ["Data.Manifests uses Data.Shards", "Data.Shards uses Data.Manifests"],
            new NamespaceUses([one, other]).Circles());
    }

    [Fact]
    public void Circles_AcrossAType_OfTheNamespaceAround_AreNamed()
    {
        var root = new SourceFile(
            "src/ClipDistributed.Data/Root.cs",
            "using ClipDistributed.Data.Shards;\nnamespace ClipDistributed.Data;\npublic class Root;\n");
        Assert.Equal(2, new NamespaceUses([root, Make("Shards", "", "class Shard { Root root; }")]).Circles().Count());
        Assert.Empty(new NamespaceUses([root, Make("Shards", "", "class Shard { int Tree; } // as a Root")]).Circles());
        Assert.Empty(new NamespaceUses([root, Make("Shards", "", "class Shard { int one = other.Root; }")]).Circles());
    }

    private static SourceFile Make(string folder, string directive, string code) =>
        new($"src/ClipDistributed.Data/{folder}/X.cs", $"{directive}\nnamespace ClipDistributed.Data.{folder};\n{code}\n");
}
