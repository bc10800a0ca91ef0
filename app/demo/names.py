"""Synthetic names, streets and towns of the simulated hospital, in fixed lists: a seed always gives the same people.

The pairs are drawn at random; nobody in particular is meant. Only letters of Latin-1 occur, because one of the two
simulated senders declares that character set.
"""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FAMILY_NAMES: tuple[str, ...] = _words("""
Abara Abbott Abernathy Acosta Adair Adebayo Adler Aguilar Ahlberg Ahmadi Akande Albrecht Alcott Aldana Alvarado
Amadi Andrade Ansah Appiah Aranda Arceneaux Archuleta Arroyo Asante Ashdown Atherton Audette Avila Ayers Azevedo
Babineaux Bachman Baptiste Barajas Barkley Barragán Bassett Batista Beaumont Becerra Beckwith Bello Benavides
Bergström Berry Bhandari Bhatt Blackwood Blaine Blanchard Boudreaux Bowden Boyce Bracken Bradshaw Brandvold Briscoe
Brodeur Broussard Brückner Buckner Burdette Bustos Byrne Cáceres Calderón Camacho Candelaria Cantrell Carmichael
Carrasco Castañeda Cavanaugh Cervantes Chacón Chandra Charbonneau Chatterjee Chavis Cheng Cho Chowdhury Christensen
Cisneros Clement Coburn Colburn Conley Contreras Corbin Cordero Coronado Covington Crandall Crutchfield Culpepper
Dahl Dang Darby Delacroix Delgado Demir Desai Devereaux Diallo Dietrich Dinh Dominguez Donnelly Dorsey Draper Dubois
Duckett Duong Eastman Echevarría Eckhart Edmonds Ekström Elizondo Ellison Emerson Engström Enríquez Escobedo Estrada
Etienne Eubanks Fairchild Falk Farooq Faulkner Featherstone Fennell Fernandes Fierro Fitzhugh Fontaine Forsberg
Fraser Frye Fuentes Gaines Galindo Galván Gandhi Garrity Gaskins Gauthier Gebre Ghosh Gilchrist Giordano Glover
Godfrey Goldberg Gossett Granados Grayson Greenleaf Grimaldi Guerrero Guidry Gupta Gustafson Gutiérrez Haddad Hagan
Hailu Halvorsen Hammond Hargrove Harlan Hassan Hathaway Haugen Hawthorne Heredia Hidalgo Higgins Hinojosa Ho Hobbs
Holcomb Holloway Horvath Huang Hutchins Ibarra Ibrahim Iglesias Ingram Iqbal Irving Iversen Jaimes Jankowski Jansen
Jeffries Jensen Jha Joshi Juárez Kamara Kapoor Karlsson Kaufman Keane Kebede Keller Khoury Kilgore Kim Kirkland
Klein Knudsen Koch Koenig Kowalski Krause Krishnan Kruse Kumar Lacroix Lam Landry Langford Larsen Lattimore Laurent
Lavigne Le Ledbetter Leone Lim Lindqvist Linwood Lockhart Lombardi Lovell Lozano Lucero Luong Lyle Macías Mackey
Maddox Mahoney Maldonado Mallory Manning Marchetti Mares Marín Markham Mathieu Matsuda Mbeki McAllister McBride
McCabe McClure McDowell McElroy McKenna Mehta Mejía Melançon Mendoza Mensah Merritt Mesfin Meyer Michaud Middleton
Milanovic Minh Mistry Moncada Montañez Montoya Mosley Müller Mukherjee Munro Murillo Nadeau Nair Naranjo Navarro
Ndiaye Newell Nguyen Nielsen Nilsson Noland Norwood Núñez Nwosu Oakley Obando Ochoa Odom Ogden Ojeda Olsen Onyango
Ordway Orellana Ortega Osborne Osei Owusu Pacheco Padilla Pagán Palermo Panjabi Paquette Parrish Patel Paxton
Pedersen Peltier Peralta Perrault Pham Phan Pickett Pineda Pollard Popov Portillo Prater Prescott Quezada Quigley
Quintana Quiroz Radcliffe Rahman Ramaswamy Rangel Rasmussen Rawlins Reddy Renaud Restrepo Reyes Rhodes Richter
Ridgeway Rinaldi Ritter Robichaux Rocha Romano Rosales Rosenthal Roth Rutledge Saavedra Saito Salazar Saldívar
Sandoval Santiago Sarkar Satterfield Savoie Schaefer Schneider Schultz Sepúlveda Serrano Shah Shapiro Sharma Shelby
Shepard Shin Silva Simmons Sinclair Singh Skaggs Sloan Solberg Solís Sorensen Soto Sparks Stacy Steele Stein
Stoddard Strickland Suárez Sullivan Sundberg Suzuki Swenson Tadesse Takahashi Talbot Tamayo Tate Tejada Tesfaye
Thibodeaux Thornton Tidwell Tirado Toledo Tolbert Toussaint Tran Trejo Trujillo Truong Tucker Underwood Upchurch
Urbina Valdez Valentín Vandenberg Varela Vasquez Vaughn Velasco Venkatesan Vickers Villanueva Vinson Vo Volkov
Wadsworth Wagner Walden Wang Watanabe Weaver Weiss Welch Wendt Westbrook Whitaker Wickham Wilder Winslow Womack Wong
Woodruff Wu Xiong Yamamoto Yang Yates Ybarra Yilmaz Yoder Yoon Zamora Zapata Zhang Zhou Zimmer Zúñiga
""")

FEMALE_NAMES: tuple[str, ...] = _words("""
Abigail Adaeze Adriana Aisha Alejandra Alice Alma Amara Amelia Amina Ana Andrea Angela Anita Annika Araceli Astrid
Audrey Barbara Beatriz Bernice Bertha Bettina Bianca Bonnie Brenda Brigitte Camila Carla Carmen Catalina Cecilia
Celia Charlotte Chloe Clara Claudia Colette Consuelo Corinne Dalia Daphne Deborah Delia Diana Dolores Dorothy Edith
Eileen Elena Eleanor Elisa Eloise Elsa Emilia Esperanza Esther Eunice Evelyn Fatima Felicia Fiona Florence Frances
Freya Gabriela Genevieve Gladys Gloria Graciela Greta Guadalupe Gwendolyn Hana Harriet Hazel Helen Hilda Hortensia
Ida Ilse Imani Ingrid Irene Isabel Ivonne Jacqueline Jamila Janet Jasmine Jocelyn Josephine Joyce Juana Judith Julia
Karen Katarina Keisha Kimiko Lakshmi Laura Leah Leticia Lillian Linh Lorraine Louise Lucía Luz Lydia Mabel Magdalena
Manuela Margaret Maria Marianne Marisol Martha Matilda Maureen Mei Mercedes Mildred Mina Mónica Myrtle Nadia Naomi
Natalia Nell Ngoc Noor Norma Olga Olivia Opal Pamela Patricia Paula Pearl Phuong Pilar Priscilla Priya Rachel Ramona
Rebecca Regina Rosario Ruby Ruth Sabine Salma Sandra Sarah Sheila Simone Solveig Sonja Stella Sumitra Susan Sylvia
Tamara Teresa Thelma Trinh Ursula Valentina Vanessa Verónica Viola Violet Wanda Wilhelmina Xiomara Yolanda Yvette
Zainab Zora
""")

MALE_NAMES: tuple[str, ...] = _words("""
Aaron Abdul Abel Adolfo Agustín Ahmed Alan Albert Alejandro Alfonso Alvin Amir Andrés Andrew Antonio Arjun Armando
Arthur August Axel Benjamin Bernard Bjorn Boris Bradley Bruno Byron Caleb Carl Carlos Cedric César Chester Clarence
Clifford Clyde Conrad Curtis Cyrus Daniel Darnell David Dennis Diego Dmitri Dominic Donald Duc Dwight Earl Eduardo
Edwin Elias Emeka Emilio Enrique Ernest Esteban Eugene Felipe Felix Fernando Floyd Francis Franklin Frederick Gerald
Gilbert Giovanni Glenn Gordon Gregory Guillermo Gustavo Hamid Harold Harvey Hassan Hector Henry Herbert Hiroshi
Homer Horace Hugo Ian Ignacio Isaac Ismael Ivan Jamal James Javier Jerome Joaquín Joel Johann John Jorge José Joseph
Julian Julius Kareem Keith Kenji Kevin Khalid Kwame Lamar Lars Lawrence Leon Leroy Lloyd Louis Lucas Luis Luther
Magnus Manuel Marco Mario Marvin Mateo Matthew Maurice Maxwell Mehmet Miguel Milton Mohammed Morris Nathan Nelson
Nicolás Nils Norman Oliver Omar Oscar Otto Owen Pablo Patrick Paul Percy Philip Quentin Rafael Rajesh Ralph Ramón
Raymond Reginald Ricardo Robert Rodrigo Roger Roland Roy Russell Salvador Sanjay Sergio Seth Sidney Simon Stanley
Stefan Sven Thaddeus Theodore Thomas Tobias Trung Vernon Vicente Victor Vikram Vincent Walter Warren Wesley Wilfred
William Winston Xavier Yosef Zachary
""")

STREETS: tuple[str, ...] = _words("""
Alder Ash Bayberry Beech Birchwood Bluestem Briar Canal Catalpa Cedar Chestnut Clover Coneflower Cottonwood Creamery
Depot Dogwood Elder Elm Ferry Foundry Goldenrod Grange Harbor Hawthorn Hickory Juniper Larkspur Linden Locust Maple
Mill Mulberry Orchard Pecan Poplar Prairie Quarry Railroad Redbud Ridge Rowan Sassafras Spruce Sumac Sycamore
Tamarack Walnut Willow
""")

# Invented towns; no ZIP code begins with 000.
TOWNS: tuple[tuple[str, str], ...] = (
    ("Tamarack Bay", "00021"),
    ("East Tamarack", "00022"),
    ("Marrow Creek", "00024"),
    ("Tamarack Falls", "00027"),
    ("Dunmore Landing", "00031"),
    ("Pell Station", "00033"),
    ("Grange Hill", "00036"),
    ("Otter Ferry", "00039"),
)

# PID-15, ISO 639-2; weights of one hundred.
LANGUAGES: tuple[tuple[str, int], ...] = (
    ("eng", 82), ("spa", 11), ("vie", 3), ("ara", 1), ("hmn", 1), ("fra", 1), ("som", 1),
)  # fmt: skip

# Names given at registration to a person who cannot say who they are, until the record is merged.
UNIDENTIFIED: tuple[str, ...] = _words("""
Alpha Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa Quebec Romeo
Sierra Tango Uniform Victor Whiskey Xray Yankee Zulu
""")
