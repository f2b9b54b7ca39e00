using System.Xml.Linq;

namespace ClipDistributed.Architecture.Tests;

/// <summary>What test projects share is referenced, and only those that need tensors load them.</summary>
public sealed class TestProjectsTests
{
    private static readonly string[] WithTensors =
        ["Benchmarks", "Model.Tests", "Replica.Tests", "TestKit.Tensors", "Training.Tests", "Training.Tests.Member"];

    private static readonly Dictionary<string, XDocument> Sources = Read("src"), Tests = Read("tests");

    [Fact]
    public void SourceFiles_OfEveryProject_LieInItsFolder() =>
        Assert.Empty(Sources.Concat(Tests).Where(project => project.Value.Descendants("Compile").Any()).Select(project => project.Key));

    [Fact]
    public void TorchSharp_FromTestsWithoutTensors_IsNotReachable() =>
        Assert.Equal(WithTensors, Tests.Keys.Where(ReachesTensors).Order(StringComparer.Ordinal));

    private static bool ReachesTensors(string name) =>
        name == "Model" || References(Sources.GetValueOrDefault(name) ?? Tests[name]).Any(ReachesTensors);

    private static IEnumerable<string> References(XDocument project) =>
        from reference in project.Descendants("ProjectReference")
        where (string?)reference.Attribute("ReferenceOutputAssembly") != "false"
        select Name((string)reference.Attribute("Include")!);

    private static Dictionary<string, XDocument> Read(string folder)
    {
        var found = Directory
            .EnumerateFiles(RepositoryFolder.File(folder), "*.csproj", SearchOption.AllDirectories)
            .ToDictionary(Name, XDocument.Load);
        Assert.NotEmpty(found);
        return found;
    }

    private static string Name(string path) =>
        Path.GetFileNameWithoutExtension(path).Replace("ClipDistributed.", "", StringComparison.Ordinal);
}
