using System.Diagnostics;
using System.Text.Json;
using System.Xml.Linq;
using ClipDistributed.TestKit.Files;

namespace ClipDistributed.Architecture.Tests;

/// <summary>Which libtorch a build references. The packages for GPUs are large, so no test restores them.</summary>
public sealed class AcceleratorTests
{
    [Theory]
    [InlineData("", "TorchSharp libtorch-cpu-linux-x64")]
    [InlineData("-p:Accelerator=cuda", "TorchSharp TorchSharp-cuda-linux")]
    public async Task PackageReferences_OfTheModel_AreOneLibTorch(string property, string expected)
    {
        string project = Path.Combine(RepositoryFolder.Path, "src", "ClipDistributed.Model");
        var start = new ProcessStartInfo("dotnet", ["msbuild", project, "-nologo", "-getItem:PackageReference"])
        {
            RedirectStandardOutput = true,
        };
        if (property != "")
            start.ArgumentList.Add(property);
        using var process = Process.Start(start)!;
        using var items = await JsonDocument.ParseAsync(process.StandardOutput.BaseStream);
        await process.WaitForExitAsync();
        var names = items.RootElement.GetProperty("Items").GetProperty("PackageReference").EnumerateArray()
            .Select(item => item.GetProperty("Identity").GetString()!)
            .Where(IsTorch);
        Assert.Equal(expected, string.Join(' ', names));
    }

    /// <summary>A second reference would bring the other libtorch in beside the chosen one.</summary>
    [Fact]
    public void PackageReferences_OfTheTree_NameLibTorchInOnePlace()
    {
        string[] places =
        [
            .. from folder in new[] { "eng", "src", "tests" }
               from ending in new[] { "*.csproj", "*.props", "*.targets" }
               from file in Directory.EnumerateFiles(RepositoryFolder.File(folder), ending, SearchOption.AllDirectories)
               where !file.Contains("/obj/", StringComparison.Ordinal) && Packages(file).Any(IsTorch)
               select Path.GetRelativePath(RepositoryFolder.Path, file),
        ];
        Assert.Equal(["eng/TorchSharp.props"], places);
    }

    /// <summary>Each package of TorchSharp is made for one libtorch.</summary>
    [Fact]
    public void PackageVersions_OfTorchSharp_AreOne()
    {
        var versions = XDocument.Load(RepositoryFolder.File("Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(item => (string)item.Attribute("Include")!, item => (string)item.Attribute("Version")!);
        Assert.Equal(versions["TorchSharp"], versions["TorchSharp-cuda-linux"]);
    }

    private static IEnumerable<string> Packages(string file) =>
        XDocument.Load(file).Descendants("PackageReference").Select(found => (string?)found.Attribute("Include") ?? "");

    private static bool IsTorch(string package) => package.Contains("torch", StringComparison.OrdinalIgnoreCase);
}
