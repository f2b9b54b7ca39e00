using System.Text.RegularExpressions;

namespace ClipDistributed.Architecture.Tests;

/// <summary>A project references lower floors only, so that a reader who goes down never has to come up again.</summary>
public sealed partial class ProjectFloorsTests
{
    private static readonly Dictionary<string, int> Floors = new()
    {
        ["Contracts"] = 0, ["Telemetry"] = 0,
        ["Data"] = 1, ["Model"] = 1, ["Collectives"] = 1,
        ["RareImages"] = 2, ["Training"] = 2, ["Reporting"] = 2, ["Kubernetes"] = 2,
        ["Coordinator"] = 3, ["WorkerHost"] = 3, ["Dashboard"] = 3,
        ["Replica"] = 4, ["Cli"] = 4,
    };

    private static readonly string[] MayUseTorchSharp = ["Model", "Training", "Replica"];

    [Fact]
    public void References_OfEveryProject_GoDown()
    {
        var wrong = from project in Projects()
                    from reference in References(project)
                    where Floors[reference] >= Floors[project.Name]
                    select $"{project.Name} (floor {Floors[project.Name]}) references {reference} (floor {Floors[reference]})";
        Assert.Empty(wrong);
    }

    [Fact]
    public void TorchSharp_OutsideItsThreeProjects_IsNotReachable()
    {
        var byName = Projects().ToDictionary(project => project.Name);
        bool Reaches(string name) => MayUseTorchSharp.Contains(name) || References(byName[name]).Any(Reaches);
        var wrong = byName.Keys.Where(name => !MayUseTorchSharp.Contains(name) && Reaches(name));
        Assert.Empty(wrong);
    }

    private static IReadOnlyList<(string Name, string Text)> Projects()
    {
        var found = Directory
            .EnumerateFiles(RepositoryFolder.File("src"), "*.csproj", SearchOption.AllDirectories)
            .Select(path =>
                (Path.GetFileNameWithoutExtension(path).Replace("ClipDistributed.", "", StringComparison.Ordinal), File.ReadAllText(path))
            )
            .ToList();
        Assert.NotEmpty(found);
        return found;
    }

    private static IEnumerable<string> References((string Name, string Text) project) =>
        Reference().Matches(project.Text).Select(match => match.Groups[1].Value);

    [GeneratedRegex("""ProjectReference Include="[^"]*ClipDistributed\.(\w+)\.csproj""")]
    private static partial Regex Reference();
}
