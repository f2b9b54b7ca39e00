using System.CommandLine;
using ClipDistributed.Cli.Commands;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>Walks every command: an option that is added later and names a file is expanded like the others, or this fails.</summary>
public sealed class PathOptionsTests
{
    private static readonly HashSet<string> Paths = new(StringComparer.OrdinalIgnoreCase) { "dir", "file", "path", "folder" };

    // names; a run may be a directory, which its command expands
    private static readonly HashSet<string> NoPaths = ["host", "job", "run", "name", "token", "field"];

    [Fact]
    public void Parse_EveryPathOfEveryCommand_IsExpandedOrRefused()
    {
        var seen = new List<string>();
        foreach (
            var create in typeof(PathOptions)
                .Assembly.GetTypes()
                .Select(type => type.GetMethod("Create", []))
                .OfType<System.Reflection.MethodInfo>()
                .Where(create => create.ReturnType == typeof(Command))
        )
        {
            var command = (Command)create.Invoke(null, [])!;
            foreach (
                var option in command.Options.Where(option =>
                    IsText(option.ValueType) && option.HelpName?.Split('|').Any(Paths.Contains) == true
                )
            )
                Check(command, [option.Name], option.Name);
            foreach (var argument in command.Arguments.Where(argument => IsText(argument.ValueType) && !NoPaths.Contains(argument.Name)))
                Check(command, [], argument.Name);
        }
        Assert.InRange(seen.Count, 30, 200);

        void Check(Command command, string[] before, string name)
        {
            seen.Add($"{command.Name} {name}");
            foreach (string path in new[] { "s3://bucket/x", "~nobody-at-all/x", "$CLIPD_NOT_SET/x", "" })
                Assert.True(
                    new RootCommand { command }
                        .Parse([command.Name, .. before, path])
                        .Errors.Any(error => error.Message.StartsWith($"{name} is ", StringComparison.Ordinal)),
                    $"{command.Name} {name} takes '{path}'"
                );
        }
    }

    private static bool IsText(Type type) =>
        type == typeof(string) || type == typeof(string[]) || type == typeof(FileInfo) || type == typeof(DirectoryInfo);
}
