using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;
using Habla.Tensors;

namespace Habla.Tests;

/// <summary>Every public type and member of the two libraries says what it is, in the file that is packed with them.</summary>
public class XmlDocTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static TheoryData<string> Libraries => ["Habla.Tensors", "Habla"];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Everything_public_has_a_summary(string library)
    {
        Assembly assembly = library == "Habla" ? typeof(InvalidInputException).Assembly : typeof(Tape).Assembly;
        Dictionary<string, XElement> docs = Docs(library);
        var missing = new List<string>();
        int members = 0;
        foreach (Type type in assembly.GetExportedTypes())
        {
            Look("T:" + Id(type));
            foreach (MemberInfo member in type.GetMembers(Declared).Where(IsWritten))
            {
                Look(Id(member));
            }
        }

        Assert.True(members > 100, "the members were found");
        Assert.True(missing.Count == 0, "without a summary:\n" + string.Join('\n', missing));

        void Look(string id)
        {
            members++;
            if (!docs.TryGetValue(id, out XElement? doc) || !Says(doc))
            {
                missing.Add(id);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void No_part_of_a_description_is_empty(string library)
    {
        foreach ((string id, XElement doc) in Docs(library))
        {
            Assert.All(
                doc.Elements().Where(element => element.Name != "inheritdoc" && element.Name != "include"),
                element => Assert.True(Text(element).Length > 0, $"{id}: <{element.Name}> is empty"));
        }
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Every_parameter_of_a_public_method_or_constructor_is_described(string library)
    {
        Assembly assembly = library == "Habla" ? typeof(InvalidInputException).Assembly : typeof(Tape).Assembly;
        Dictionary<string, XElement> docs = Docs(library);
        (string Name, bool Described)[] parameters =
        [
            .. from type in assembly.GetExportedTypes()
               from method in type.GetMembers(Declared).Where(IsWritten).OfType<MethodBase>()
               let doc = docs.GetValueOrDefault(Id(method))
               where doc?.Element("inheritdoc") is null
               from parameter in method.GetParameters()
               let described = doc?.Elements("param").Any(p => (string?)p.Attribute("name") == parameter.Name && Text(p).Length > 0) == true
               select ($"{Id(method)}: {parameter.Name}", described),
        ];
        Assert.True(parameters.Length > 60, $"the parameters were found, {parameters.Length} of them");
        IEnumerable<string> missing = parameters.Where(parameter => !parameter.Described).Select(parameter => parameter.Name);
        Assert.True(!missing.Any(), "without a description:\n" + string.Join('\n', missing));
    }

    private static Dictionary<string, XElement> Docs(string library) =>
        XDocument.Load(Path.Combine(AppContext.BaseDirectory, library + ".xml"))
            .Descendants("member").ToDictionary(member => member.Attribute("name")!.Value, StringComparer.Ordinal);

    private static bool Says(XElement doc) =>
        doc.Element("inheritdoc") is not null || (doc.Element("summary") is { } summary && Text(summary).Length > 0);

    /// <summary>The words, a reference or a parameter's name counting as one.</summary>
    private static string Text(XElement element) =>
        element.Value.Trim()
            + string.Concat(element.Descendants().SelectMany(child => child.Attributes()).Select(attribute => attribute.Value));

    /// <summary>Whether somebody outside can see the member and a person wrote it.</summary>
    private static bool IsWritten(MemberInfo member) => member switch
    {
        _ when member.DeclaringType!.IsSubclassOf(typeof(Delegate)) => false,
        Type => false, // nested types are exported types themselves
        FieldInfo field => Visible(field.IsPublic, field.IsFamily, field.IsFamilyOrAssembly) && !field.IsSpecialName,
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(Visible) && !Generated(property)
            && property.Name != "EqualityContract",
        ConstructorInfo constructor => Visible(constructor) && !Generated(constructor) && constructor.GetParameters().Length > 0,
        MethodInfo method => Visible(method) && !Generated(method)
            && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)),
        EventInfo => true,
        _ => false,
    };

    private static bool Visible(MethodBase method) => Visible(method.IsPublic, method.IsFamily, method.IsFamilyOrAssembly);

    private static bool Visible(bool isPublic, bool isFamily, bool isFamilyOrAssembly) => isPublic || isFamily || isFamilyOrAssembly;

    private static bool Generated(MemberInfo member) => member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    /// <summary>The name under which the compiler files a member's documentation.</summary>
    private static string Id(MemberInfo member)
    {
        string type = Id(member.DeclaringType!);
        return member switch
        {
            FieldInfo => $"F:{type}.{member.Name}",
            EventInfo => $"E:{type}.{member.Name}",
            PropertyInfo property => $"P:{type}.{member.Name}{Parameters(property.GetIndexParameters())}",
            ConstructorInfo constructor => $"M:{type}.#ctor{Parameters(constructor.GetParameters())}",
            MethodInfo method => $"M:{type}.{method.Name}{Arity(method)}{Parameters(method.GetParameters())}"
                + (method.Name is "op_Implicit" or "op_Explicit" ? "~" + Id(method.ReturnType) : ""),
            _ => throw new NotSupportedException(member.ToString()),
        };
    }

    private static string Arity(MethodInfo method) =>
        method.IsGenericMethodDefinition ? $"``{method.GetGenericArguments().Length}" : "";

    private static string Parameters(ParameterInfo[] parameters) =>
        parameters.Length == 0 ? "" : $"({string.Join(',', parameters.Select(parameter => Id(parameter.ParameterType)))})";

    private static string Id(Type type)
    {
        if (type.IsByRef || type.IsPointer)
        {
            return Id(type.GetElementType()!) + (type.IsByRef ? "@" : "*");
        }

        if (type.IsArray)
        {
            return Id(type.GetElementType()!)
                + (type.GetArrayRank() == 1 ? "[]" : $"[{string.Join(',', Enumerable.Repeat("0:", type.GetArrayRank()))}]");
        }

        if (type.IsGenericParameter)
        {
            return (type.DeclaringMethod is null ? "`" : "``") + type.GenericParameterPosition;
        }

        if (type.IsConstructedGenericType)
        {
            string definition = Id(type.GetGenericTypeDefinition());
            return $"{definition[..definition.LastIndexOf('`')]}{{{string.Join(',', type.GetGenericArguments().Select(Id))}}}";
        }

        return type.FullName!.Replace('+', '.');
    }
}
