using System.CommandLine;
using ClipDistributed.Contracts.Spec;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd spec show</c></summary>
internal static class SpecShowCommand
{
    public static Command Create()
    {
        var spec = CommonOptions.Spec();
        var set = CommonOptions.Set();
        var command = new Command("show", "Prints a spec with every value that its preset and the defaults give.") { spec, set };
        command.SetAction(result =>
        {
            Console.Write(SpecWriter.Write(SpecDefaults.Fill(SpecReader.ReadCheckedFile(result.GetRequiredValue(spec), result.GetValue(set) ?? []))));
        });
        return command;
    }
}
