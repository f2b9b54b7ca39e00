using System.Diagnostics;
using System.Text.Json;
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
            .Where(name => name.Contains("torch", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(expected, string.Join(' ', names));
    }
}
